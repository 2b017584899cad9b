namespace Tpo.Shared.Benchmarks;

/// <summary>
/// The order in which CPython walks a set of small whole numbers added one by one: a number's slot is its value modulo the table's size, a taken slot
/// moves it on, and the table grows to more than four times what it holds when three fifths are full. A harness whose text depends on that order can
/// only be compared with by following it.
/// </summary>
internal static class PythonSetOrder
{
    private const int Neighbours = 9;

    /// <param name="numbers">0 or more, each once</param>
    public static IReadOnlyList<int> Of(IEnumerable<int> numbers)
    {
        var (table, used) = (new int?[8], 0);
        foreach (var number in numbers)
        {
            table[FreeSlot(table, number)] = number;
            if (++used * 5 >= (table.Length - 1) * 3)
                table = Grown(table, used > 50_000 ? used * 2 : used * 4);
        }
        return [.. table.OfType<int>()];
    }

    private static int?[] Grown(int?[] table, int atLeast)
    {
        var size = 8;
        while (size <= atLeast)
            size *= 2;
        var grown = new int?[size];
        foreach (var number in table.OfType<int>())
            grown[FreeSlot(grown, number)] = number;
        return grown;
    }

    /// <summary>The slot, else one of the nine after it where they lie inside the table, else further slots by the number's higher bits.</summary>
    private static int FreeSlot(int?[] table, int number)
    {
        var mask = (ulong)table.Length - 1;
        var (slot, rest) = ((ulong)number & mask, (ulong)number);
        while (true)
        {
            var last = slot + Neighbours <= mask ? slot + Neighbours : slot;
            for (var place = slot; place <= last; place++)
                if (table[place] is null)
                    return (int)place;
            rest >>= 5;
            slot = (slot * 5 + 1 + rest) & mask;
        }
    }
}
