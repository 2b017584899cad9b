using Tpo.GpuJob.Verify;
using Tpo.Shared.Media;
using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

public sealed class ImageTests
{
    /// <summary>float32 through a few operations; a step of 8 bits is 4E-3.</summary>
    private const double Rounding = 1e-7;

    [Fact]
    public void The_pictures_in_the_repository_become_the_references_bit_for_bit() => Reproduced.All(new ImagesReference(), Goldens.Own("Serving", "goldens", "images"), files: 6, Rounding);

    [GoldenFact("images")]
    public void All_golden_pictures_become_the_references_bit_for_bit() => Reproduced.All(new ImagesReference(), Goldens.Folder("images")!, files: 8, Rounding);

    [Fact]
    public void Frames_are_sampled_as_numpys_linspace_does() => Reproduced.All(new FrameSamplingReference(), Goldens.Own("Serving", "goldens", "frame_sampling.json"), files: 1, 0);

    [GoldenFact("frame_sampling.json")]
    public void All_golden_samplings_are_reproduced() => Reproduced.All(new FrameSamplingReference(), Goldens.Folder("frame_sampling.json")!, files: 1, 0);

    [Theory]
    [InlineData(1, 1, 64, 64)]
    [InlineData(1, 300, 20, 7)]
    [InlineData(2000, 1, 33, 5)]
    [InlineData(65, 65, 1, 1)]
    public void A_picture_of_one_colour_keeps_it(int width, int height, int targetWidth, int targetHeight)
    {
        byte[] colour = [200, 3, 255];
        var target = new byte[3 * targetWidth * targetHeight];
        PilBicubic.Resize([.. Enumerable.Range(0, width * height).SelectMany(_ => colour)], width, height, target, targetWidth, targetHeight);
        Assert.All(target.Chunk(3), pixel => Assert.Equal(colour, pixel));
    }

    [Fact]
    public void A_buffer_of_another_size_is_refused()
    {
        Assert.Contains("10 bytes are no RGB picture of 2×2", Assert.Throws<ArgumentException>(() => PilBicubic.Resize(new byte[10], 2, 2, new byte[3], 1, 1)).Message);
        Assert.Contains("3 bytes cannot hold an RGB picture of 2×1", Assert.Throws<ArgumentException>(() => PilBicubic.Resize(new byte[12], 2, 2, new byte[3], 2, 1)).Message);
    }

    [Fact]
    public async Task Pictures_are_read_from_a_pipe_one_behind_the_other()
    {
        byte[] stream = [.. "P6\n2 1\n255\n"u8, 1, 2, 3, 4, 5, 6, .. "P6\n1 1\n255\n"u8, 7, 8, 9, .. "P6\n1 1\n255\n"u8, 7];
        using var pipe = new MemoryStream(stream);
        Assert.Equal([2, 1, 1, 2, 3, 4, 5, 6], await PpmStream.TryReadAsync(pipe, Kept, default));
        Assert.Equal([1, 1, 7, 8, 9], await PpmStream.TryReadAsync(pipe, Kept, default));
        Assert.Null(await PpmStream.TryReadAsync(pipe, Kept, default));

        static byte[] Kept(ReadOnlySpan<byte> rgb, int width, int height) => [(byte)width, (byte)height, .. rgb];
    }

    [Theory]
    [InlineData("P5\n2 1\n255\n")]
    [InlineData("P6\n0 1\n255\n")]
    [InlineData("P6\n99999 99999\n255\n")]
    [InlineData("RIFF and forty characters without an end of line")]
    public async Task Another_stream_is_refused(string text)
    {
        using var pipe = new MemoryStream([.. text.Select(letter => (byte)letter)]);
        await Assert.ThrowsAsync<InvalidDataException>(() => PpmStream.TryReadAsync(pipe, (rgb, _, _) => rgb.ToArray(), default));
    }
}
