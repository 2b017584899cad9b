using Tpo.GpuJob.Model;

namespace Tpo.GpuJob.Training;

/// <summary>
/// From two labelled rows of tokens to one row with a shared prefix. The rows are as a trainer with separate sequences has them: ids with
/// −200 for the video, labels with −100 for what is not scored (labels are not shifted: label t is token t, predicted by what is before it).
/// </summary>
public static class LabelledPair
{
    public const int Video = -200;
    public const int Ignored = -100;

    /// <summary>
    /// What both rows begin with, ids and labels alike, becomes the prefix (its labelled tokens count for both answers); the rest of each
    /// is a branch. The first token of a row is never scored: nothing predicts it.
    /// </summary>
    /// <param name="videoRows">rows that the video takes in the decoder's input</param>
    public static BranchedSequence Join(
        IReadOnlyList<int> chosenIds, IReadOnlyList<int> chosenLabels, IReadOnlyList<int> rejectedIds, IReadOnlyList<int> rejectedLabels, int videoRows)
    {
        Check(chosenIds, chosenLabels, "chosen");
        Check(rejectedIds, rejectedLabels, "rejected");
        var common = 0;
        while (common < Math.Min(chosenIds.Count, rejectedIds.Count) - 1
            && chosenIds[common] == rejectedIds[common] && chosenLabels[common] == rejectedLabels[common])
            common++;
        int video = chosenIds.Take(common).ToList().IndexOf(Video);
        if (video < 0)
            throw new InvalidDataException($"The two answers differ before the video's place ({Video}): they must answer one prompt.");
        IEnumerable<int> learnt = Enumerable.Range(1, common - 1).Where(t => chosenLabels[t] != Ignored)
            .Select(t => t < video ? t : t - 1 + videoRows);
        return new BranchedSequence(
            [.. chosenIds.Take(video)], videoRows, [.. chosenIds.Take(common).Skip(video + 1)],
            [Rest(chosenIds, chosenLabels, common, "chosen"), Rest(rejectedIds, rejectedLabels, common, "rejected")], [.. learnt]);
    }

    private static Branch Rest(IReadOnlyList<int> ids, IReadOnlyList<int> labels, int from, string which)
    {
        int[] rest = [.. ids.Skip(from)];
        int answer = labels.Skip(from).TakeWhile(label => label == Ignored).Count();
        if (answer == rest.Length || labels.Skip(from + answer).Contains(Ignored))
            throw new InvalidDataException($"The {which} answer has to be labelled from one token on to its end.");
        return new Branch(rest[..answer], rest[answer..]);
    }

    private static void Check(IReadOnlyList<int> ids, IReadOnlyList<int> labels, string which)
    {
        if (ids.Count != labels.Count)
            throw new InvalidDataException($"The {which} answer has {ids.Count} ids and {labels.Count} labels.");
        if (ids.Count(id => id == Video) != 1)
            throw new InvalidDataException($"The {which} answer's ids have {ids.Count(id => id == Video)} places for the video ({Video}); there must be one.");
        for (var t = 0; t < ids.Count; t++)
            if (labels[t] != Ignored && labels[t] != ids[t])
                throw new InvalidDataException($"Label {t} of the {which} answer is {labels[t]}, its token {ids[t]}: a label is its own token or {Ignored}.");
    }
}
