using System.Buffers.Binary;
using System.Text;
using Tpo.GpuJob.Training;
using Tpo.Shared.Training;

namespace Tpo.Tests.Unit.Training;

/// <summary>Read back by a reader of its own, as TensorBoard's documents its files.</summary>
public sealed class TensorBoardEventsTests
{
    private static TrainingMetrics Row(int step, double loss) => new()
    {
        Step = step, Loss = loss, DpoLoss = 0.5, SftLoss = 1, RewardChosen = 0.1, RewardRejected = -0.2, RewardAccuracy = 1, Margin = 0.3, LogProbChosen = -7, LogProbRejected = -9,
        GradientNorm = 2, LearningRate = 1e-4, Seconds = 2.5,
    };

    [Fact]
    public void Every_number_of_every_step_comes_back_under_its_own_name()
    {
        var started = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var records = Records(TensorBoardEvents.Of([Row(0, 1.25), Row(300, 0.75)], started));
        Assert.Equal(3, records.Count);
        Assert.Equal("brain.Event:2", Encoding.ASCII.GetString(Field(records[0], 3)));
        Assert.Equal(1_700_000_005, BitConverter.ToDouble(Field(records[2], 1)));
        Assert.Equal(300, Number(Field(records[2], 2)));
        var values = Fields(Field(records[2], 5)).Where(field => field.Number == 1)
            .ToDictionary(field => Encoding.UTF8.GetString(Field(field.Value, 1)), field => BitConverter.ToSingle(Field(field.Value, 2)));
        Assert.Equal((0.75f, 0.3f, -9f, 1e-4f), (values["loss"], values["rewards/margins"], values["logps/rejected"], values["learning_rate"]));
        Assert.DoesNotContain("step", values.Keys);
        Assert.Equal(14, values.Count);
    }

    /// <summary>CRC-32C of "123456789" is 0xE3069283: the check value of its catalogue entry.</summary>
    [Fact]
    public void The_reader_here_has_the_right_checksum() => Assert.Equal(0xE3069283u, Crc("123456789"u8));

    private static List<byte[]> Records(byte[] file)
    {
        var records = new List<byte[]>();
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var data = file.AsSpan(at + 12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            records.Add(data.ToArray());
            at += 16 + length;
        }
        return records;
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = Crc(data);
        return (crc >> 15 | crc << 17) + 0xa282ead8;
    }

    /// <summary>Bit by bit.</summary>
    private static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
        }
        return ~crc;
    }

    private static byte[] Field(byte[] message, int number) => Fields(message).First(field => field.Number == number).Value;

    private static int Number(byte[] varint) => varint.Select((value, i) => (value & 127) << 7 * i).Sum();

    private static List<(int Number, byte[] Value)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[])>();
        for (var at = 0; at < message.Length;)
        {
            var key = Take(Var());
            var kind = Number(key) & 7;
            var value = kind switch { 0 => Take(Var()), 1 => Take(8), 2 => Take(Number(Take(Var()))), _ => Take(4) };
            fields.Add((Number(key) >> 3, value));

            int Var() => message.AsSpan(at).IndexOfAnyInRange((byte)0, (byte)127) + 1;
            byte[] Take(int count)
            {
                at += count;
                return message[(at - count)..at];
            }
        }
        return fields;
    }
}
