using Azure;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Durable.Storage;

/// <summary>How a process takes the log over from the one before it.</summary>
internal sealed partial class SegmentedLog
{
    /// <summary>Fences off any earlier writer and returns all committed records. <see cref="BeginSegmentAsync"/> must follow.</summary>
    public async Task<IReadOnlyList<LogRecord>> TakeOverAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var numbers = await ListAsync(cancellation);
            number = numbers.LastOrDefault();
            if (number == 0) return [];
            try
            {
                await SealAsync(cancellation);
                foreach (var candidate in numbers.AsEnumerable().Reverse())
                {
                    var content = await ReadAsync(Segment(candidate), 0, cancellation);
                    var records = RecordLines.Decode(content, Segment(candidate).Name);
                    if (records.Any(r => r is SnapshotEnded)) return records;
                }
                if (numbers[0] == 1) return []; // killed while it made the very first segment
                throw new InvalidDataException($"No segment of the durable log in '{container.Name}' has a whole snapshot; "
                    + $"the oldest is '{Segment(numbers[0]).Name}'. Restore the blobs, or delete the container to begin anew.");
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                logger.LogInformation("The log moved on while it was taken over; reading again.");
            }
        }
    }

    private async Task SealAsync(CancellationToken cancellation)
    {
        segment = Segment(number);
        while (true)
        {
            var content = await ReadAsync(segment, 0, cancellation);
            if (RecordLines.Decode(content, segment.Name).LastOrDefault() is SegmentSealed) return;
            position = content.Length;
            try
            {
                await AppendAllAsync([new SegmentSealed(owner, DateTimeOffset.UtcNow)], cancellation);
                return;
            }
            catch (HubLostException e) when (e.InnerException is RequestFailedException { Status: 412 })
            {
                logger.LogInformation("'{Segment}' grew while it was taken over; reading on.", segment.Name);
            }
        }
    }
}
