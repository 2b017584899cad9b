using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>Memory does not grow with every training: a replaced revision is closed, but never under somebody's hands.</summary>
public sealed class OpenRevisionsTests : IDisposable
{
    private static readonly GenerationOptions Short = new(MaxNewTokens: 2);

    private readonly RandomCheckpoint _checkpoint = new();
    private readonly OpenRevisions _open = new();
    private int _opened;

    [Fact]
    public async Task The_newest_revision_stays_open_for_the_next_caller()
    {
        var first = await UseAsync("model", "1");
        first.Dispose();
        using var second = await UseAsync("model", "1");
        Assert.Same(first.Model, second.Model);
        Assert.True(await IsOpenAsync(second.Model));
    }

    [Fact]
    public async Task A_replaced_revision_that_nobody_uses_is_closed_before_the_new_one_opens()
    {
        VideoLanguageModel old;
        using (var use = await UseAsync("model", "1"))
            old = use.Model;
        var openThen = true;
        using var newest = await _open.UseAsync("model", "2", async () =>
        {
            openThen = await IsOpenAsync(old);
            return Open();
        }, CancellationToken.None);
        Assert.False(openThen);
        Assert.True(await IsOpenAsync(newest.Model));
    }

    [Fact]
    public async Task A_replaced_revision_in_use_is_closed_with_its_last_user()
    {
        var users = new[] { await UseAsync("model", "1"), await UseAsync("model", "1") };
        using var newest = await UseAsync("model", "2");
        using var other = await UseAsync("another", "1");
        users[0].Dispose();
        users[0].Dispose();
        Assert.True(await IsOpenAsync(users[1].Model));
        users[1].Dispose();
        Assert.False(await IsOpenAsync(users[1].Model));
        Assert.True(await IsOpenAsync(newest.Model));
        Assert.True(await IsOpenAsync(other.Model));
        Assert.Equal(3, _opened);
    }

    [Fact]
    public async Task What_could_not_be_opened_is_tried_again()
    {
        // A client whose time limit has passed throws a cancellation.
        foreach (var failure in new Exception[] { new IOException("away"), new TaskCanceledException("too slow") })
        {
            async Task<VideoLanguageModel> Fail()
            {
                await Task.Yield();
                throw failure;
            }
            Assert.Same(failure.GetType(), (await Record.ExceptionAsync(() => _open.UseAsync("model", "1", Fail, CancellationToken.None)))?.GetType());
        }
        using var again = await UseAsync("model", "1");
        Assert.True(await IsOpenAsync(again.Model));
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_the_opening_to_the_others()
    {
        using var patience = new CancellationTokenSource();
        var opening = new TaskCompletionSource<VideoLanguageModel>();
        var impatient = _open.UseAsync("model", "1", () => opening.Task, patience.Token);
        var patient = _open.UseAsync("model", "1", () => opening.Task, CancellationToken.None);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        opening.SetResult(Open());
        using var use = await patient;
        Assert.True(await IsOpenAsync(use.Model));
    }

    [Fact]
    public async Task At_the_end_all_is_closed_and_nothing_opens_any_more()
    {
        var used = await UseAsync("model", "1");
        VideoLanguageModel idle;
        using (var use = await UseAsync("another", "1"))
            idle = use.Model;
        _open.Dispose();
        Assert.False(await IsOpenAsync(idle));
        Assert.True(await IsOpenAsync(used.Model));
        used.Dispose();
        Assert.False(await IsOpenAsync(used.Model));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => UseAsync("model", "1"));
    }

    public void Dispose()
    {
        _open.Dispose();
        _checkpoint.Dispose();
    }

    private Task<ModelInUse> UseAsync(string modelId, string revision) => _open.UseAsync(modelId, revision, () => Task.FromResult(Open()), CancellationToken.None);

    private VideoLanguageModel Open()
    {
        _opened++;
        return VideoLanguageModel.Load(_checkpoint.Folder, "random");
    }

    private static async Task<bool> IsOpenAsync(VideoLanguageModel model)
    {
        try
        {
            await model.AnswerAsync(RandomCheckpoint.Frames(1), ["What is shown?"], Short);
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }
}
