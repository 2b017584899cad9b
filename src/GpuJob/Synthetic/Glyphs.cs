namespace Tpo.GpuJob.Synthetic;

/// <summary>
/// The writing of the world: the picture's top and bottom eighth are rows of eight cells. Top: a word from the left, dots from the fifth cell on.
/// Bottom: the clock, mm:ss, in cells 2, 3 and 4, 5, the colon between them. Signs are five by seven points in a cell of eight by eight.
/// </summary>
public static class Glyphs
{
    public const int CellsPerSide = 8;
    public const char Blank = ' ', Dot = '.';
    private const int FirstDot = 4, FirstDigit = 2, Colon = 8 * (FirstDigit + 2) - 1;

    /// <summary>Every sign that a cell can hold, the blank first.</summary>
    public static IReadOnlyList<char> Signs { get; } = [Blank, Dot, .. "0123456789", .. "ACEFIJKLMNOPSTUWXY"];

    private static readonly Dictionary<char, string> Rows = new()
    {
        [Dot] = "..... ..... .###. .###. .###. ..... .....",
        ['0'] = ".###. #...# #..## #.#.# ##..# #...# .###.", ['1'] = "..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###.",
        ['2'] = ".###. #...# ....# ..##. .#... #.... #####", ['3'] = ".###. #...# ....# ..##. ....# #...# .###.",
        ['4'] = "...#. ..##. .#.#. #..#. ##### ...#. ...#.", ['5'] = "##### #.... ####. ....# ....# #...# .###.",
        ['6'] = ".###. #.... #.... ####. #...# #...# .###.", ['7'] = "##### ....# ...#. ..#.. ..#.. ..#.. ..#..",
        ['8'] = ".###. #...# #...# .###. #...# #...# .###.", ['9'] = ".###. #...# #...# .#### ....# ....# .###.",
        ['A'] = ".###. #...# #...# ##### #...# #...# #...#", ['C'] = ".#### #.... #.... #.... #.... #.... .####",
        ['E'] = "##### #.... #.... ####. #.... #.... #####", ['F'] = "##### #.... #.... ####. #.... #.... #....",
        ['I'] = ".###. ..#.. ..#.. ..#.. ..#.. ..#.. .###.", ['J'] = "..### ...#. ...#. ...#. ...#. #..#. .##..",
        ['K'] = "#...# #..#. #.#.. ##... #.#.. #..#. #...#", ['L'] = "#.... #.... #.... #.... #.... #.... #####",
        ['M'] = "#...# ##.## #.#.# #.#.# #...# #...# #...#", ['N'] = "#...# ##..# #.#.# #..## #...# #...# #...#",
        ['O'] = ".###. #...# #...# #...# #...# #...# .###.", ['P'] = "####. #...# #...# ####. #.... #.... #....",
        ['S'] = ".#### #.... #.... .###. ....# ....# ####.", ['T'] = "##### ..#.. ..#.. ..#.. ..#.. ..#.. ..#..",
        ['U'] = "#...# #...# #...# #...# #...# #...# .###.", ['W'] = "#...# #...# #...# #.#.# #.#.# ##.## #...#",
        ['X'] = "#...# #...# .#.#. ..#.. .#.#. #...# #...#", ['Y'] = "#...# #...# .#.#. ..#.. ..#.. ..#.. ..#..",
    };

    /// <summary>The signs of the top row's cells, then those of the bottom row's.</summary>
    public static string Cells(Scene scene, int second)
    {
        var cells = new char[2 * CellsPerSide];
        Array.Fill(cells, Blank);
        scene.Word.ToUpperInvariant().CopyTo(0, cells, 0, scene.Word.Length);
        for (var dot = 0; dot < scene.Dots; dot++)
            cells[FirstDot + dot] = Dot;
        var (minutes, seconds) = (second / 60 % 100, second % 60);
        string digits = $"{minutes / 10}{minutes % 10}{seconds / 10}{seconds % 10}";
        digits.CopyTo(0, cells, CellsPerSide + FirstDigit, digits.Length);
        return new string(cells);
    }

    /// <summary>The word that stands in the cells, in small letters.</summary>
    public static string Word(string cells) => cells[..FirstDot].TrimEnd().ToLowerInvariant();

    /// <summary>The clock's four digits.</summary>
    public static IEnumerable<int> Digits(string cells) => cells.Substring(CellsPerSide + FirstDigit, 4).Select(digit => digit - '0');

    /// <summary>Whether the picture is lit at a point of a row of cells. x and y count points: 8 a cell, y from the row's top.</summary>
    public static bool IsLit(string cells, bool bottom, double x, double y)
    {
        if (bottom && (int)x == Colon && (int)y is (2 or 4))
            return true;
        var cell = (int)(x / 8);
        var sign = cells[(bottom ? CellsPerSide : 0) + cell];
        int column = (int)(x - 8 * cell) - 1, row = (int)y;
        return sign != Blank && column is >= 0 and < 5 && row < 7 && Rows[sign][6 * row + column] == '#';
    }
}
