using Azure.Storage.Queues.Models;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>The text of queue messages: base64, as host.json's messageEncoding has it by default, and what parameters it can become.</summary>
internal static class QueueBody
{
    public static string Encode(ReadOnlySpan<byte> body) => Convert.ToBase64String(body);

    /// <summary>The message's bytes; false, and the text as it is, where it is not base64 though it should be.</summary>
    public static bool TryDecode(QueueMessage message, bool base64, out BinaryData body)
    {
        body = message.Body;
        if (!base64)
            return true;
        var text = body.ToString();
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
            return false;
        body = BinaryData.FromBytes(bytes.AsMemory(0, length));
        return true;
    }

    public static ParameterBinder BinderFor(Type type)
    {
        if (type == typeof(string))
            return call => new(Arrival(call).Body.ToString());
        if (type == typeof(byte[]))
            return call => new(Arrival(call).Body.ToArray());
        if (type == typeof(BinaryData))
            return call => new(Arrival(call).Body);
        if (type == typeof(QueueMessage))
            return call => new(Arrival(call).Message);
        return call => new(WorkerSerializer.Of(call).Deserialize(Arrival(call).Body.ToString(), type));
    }

    public static IReadOnlyDictionary<string, object?> Names(QueueMessage message, BinaryData body) =>
        new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase)
        {
            ["queueTrigger"] = body.ToString(),
            ["id"] = message.MessageId,
            ["popReceipt"] = message.PopReceipt,
            ["dequeueCount"] = message.DequeueCount,
            ["insertionTime"] = message.InsertedOn,
            ["expirationTime"] = message.ExpiresOn,
            ["nextVisibleTime"] = message.NextVisibleOn,
        };

    /// <summary>A message that never was in a queue.</summary>
    public static QueueArrival ByHand(string text)
    {
        var body = BinaryData.FromString(text);
        var message = QueuesModelFactory.QueueMessage(Guid.NewGuid().ToString(), "", body, dequeueCount: 1, insertedOn: DateTimeOffset.UtcNow);
        return new QueueArrival(message, body) { Names = Names(message, body) };
    }

    private static QueueArrival Arrival(LocalFunctionContext call) => (QueueArrival)call.Arrival;
}
