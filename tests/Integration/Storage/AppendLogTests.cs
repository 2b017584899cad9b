using System.Text;
using Tpo.Shared.Storage;

namespace Tpo.Tests.Integration.Storage;

/// <summary>A log outgrows the blob it began in, and nobody notices.</summary>
public sealed class AppendLogTests
{
    private const long SmallPart = 200;
    private static readonly Lazy<Task<TpoStorage>> Account = new(async () =>
    {
        var storage = TpoStorage.FromConnectionString(await SharedAzurite.TakeConnectionStringAsync());
        await storage.EnsureContainersAsync();
        return storage;
    });

    private readonly string _name = $"{Guid.NewGuid():N}.jsonl";

    [Fact]
    public async Task Lines_come_back_in_the_order_in_which_they_were_written()
    {
        var (storage, log) = await NewAsync();
        string[] lines = [.. Enumerable.Range(0, 60).Select(i => $"line {i} {new string('x', i % 7)}")];
        foreach (var line in lines)
            await AppendAsync(log, line);
        Assert.Equal(lines, await log.ReadAsync(_name));
        Assert.True((await storage.ListAsync(Containers.Catalog, _name)).Count > 3, "It never outgrew its first part.");
    }

    [Fact]
    public async Task Who_comes_late_writes_behind_everybody_else_also_where_little_would_still_fit_before()
    {
        var (storage, early) = await NewAsync();
        var late = new AppendLog(storage, Containers.Catalog, SmallPart);
        await AppendAsync(late, "first");
        await AppendAsync(early, new string('a', (int)SmallPart)); // the first part is full now
        await AppendAsync(early, new string('b', 50));
        await AppendAsync(late, "x");
        await AppendAsync(new AppendLog(storage, Containers.Catalog, SmallPart), "y");
        Assert.Equal(["first", new string('a', (int)SmallPart), new string('b', 50), "x", "y"], await early.ReadAsync(_name));
    }

    [Fact]
    public async Task Nothing_is_lost_where_many_write_at_once()
    {
        var (storage, log) = await NewAsync();
        var writers = Enumerable.Range(0, 4).Select(_ => new AppendLog(storage, Containers.Catalog, SmallPart)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => AppendAsync(writers[i % 4], $"line {i}")));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"line {i}").Order(), (await log.ReadAsync(_name)).Order());
    }

    [Fact]
    public async Task A_log_that_was_never_written_has_no_lines() => Assert.Empty(await (await NewAsync()).Log.ReadAsync(_name));

    [Fact, Trait("Lane", "slow")]
    public async Task A_catalog_takes_more_lines_than_a_blob_takes_blocks()
    {
        const int lines = 50_200;
        var (storage, _) = await NewAsync();
        var catalog = new Catalog(storage);
        for (var i = 0; i < lines; i++)
            await catalog.PutAsync("things", $"key-{i % 10}", new Thing(i, "made to be as long as a short record is"));
        Assert.Equal(Enumerable.Range(lines - 10, 10), (await catalog.ListAsync<Thing>("things")).Select(thing => thing.Number).Order());
    }

    private sealed record Thing(int Number, string Text);

    private static async Task<(TpoStorage Storage, AppendLog Log)> NewAsync()
    {
        var storage = await Account.Value;
        return (storage, new AppendLog(storage, Containers.Catalog, SmallPart));
    }

    private Task AppendAsync(AppendLog log, string line) => log.AppendAsync(_name, Encoding.UTF8.GetBytes(line + "\n"));
}
