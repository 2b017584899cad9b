namespace Tpo.GpuJob.Synthetic;

/// <summary>Draws scenes into 8-bit RGB pictures of any side: rows top to bottom, 3 · side · side bytes. The backdrop of the last scene is kept.</summary>
public sealed class Renderer(int side)
{
    private const int GrainCells = 64;
    private const byte Lit = 235, Unlit = 16;
    private readonly byte[] _backdrop = new byte[3 * side * side];
    private Backdrop? _drawn;

    public int Side => side;
    public int FrameBytes => 3 * side * side;

    public byte[] Frame(SyntheticVideo video, int frame)
    {
        var picture = new byte[FrameBytes];
        Draw(video, video.Scenes[video.SceneAt(frame)], frame, picture);
        return picture;
    }

    /// <summary>Draws one of the video's scenes as it is at a frame, with what is written above and below it.</summary>
    public void Draw(SyntheticVideo video, Scene scene, int frame, Span<byte> picture)
    {
        if (!ReferenceEquals(_drawn, scene.Backdrop))
            DrawBackdrop(scene.Backdrop);
        _backdrop.CopyTo(picture);
        DrawShape(scene, scene.CentreAt(frame), picture);
        if (scene.BrightnessAt(frame) is var brightness and < 1)
            for (var i = 0; i < picture.Length; i++)
                picture[i] = (byte)(picture[i] * brightness);
        DrawWriting(Glyphs.Cells(scene, video.SecondAt(frame)), picture);
    }

    /// <summary>White signs on black, over the top and the bottom eighth of the picture.</summary>
    private void DrawWriting(string cells, Span<byte> picture)
    {
        const int points = 8 * Glyphs.CellsPerSide;
        var band = side / Glyphs.CellsPerSide;
        for (var line = 0; line < 2 * band; line++)
        {
            var bottom = line >= band;
            var row = bottom ? side - 2 * band + line : line;
            var y = (line % band + 0.5) * 8 / band;
            for (var column = 0; column < side; column++)
                picture.Slice(3 * (row * side + column), 3).Fill(Glyphs.IsLit(cells, bottom, (column + 0.5) * points / side, y) ? Lit : Unlit);
        }
    }

    private void DrawBackdrop(Backdrop backdrop)
    {
        for (int row = 0, at = 0; row < side; row++)
        {
            var y = (row + 0.5) / side;
            for (var column = 0; column < side; column++)
            {
                var x = (column + 0.5) / side;
                var cell = (ulong)((int)(y * GrainCells) * GrainCells + (int)(x * GrainCells));
                var grain = (WorldRandom.Mix(backdrop.Grain + cell) >> 40) * (10.0 / (1 << 24)) - 5;
                var light = backdrop.SlopeX * (x - 0.5) + backdrop.SlopeY * (y - 0.5) + grain
                    + backdrop.WaveHeight * Math.Sin(backdrop.WaveX * x + backdrop.WaveY * y + backdrop.WavePhase);
                _backdrop[at++] = Channel(backdrop.Tint.Red + light);
                _backdrop[at++] = Channel(backdrop.Tint.Green + light);
                _backdrop[at++] = Channel(backdrop.Tint.Blue + light);
            }
        }
        _drawn = backdrop;
    }

    private void DrawShape(Scene scene, (double X, double Y) centre, Span<byte> picture)
    {
        var (centreX, centreY) = centre;
        var (sin, cos) = Math.SinCos(scene.Turn);
        // Corners of a turned square reach √2 of the radius.
        var reach = 1.45 * scene.Radius + 1.0 / side;
        int top = Pixel(centreY - reach), bottom = Pixel(centreY + reach), left = Pixel(centreX - reach), right = Pixel(centreX + reach);
        for (var row = top; row <= bottom; row++)
        {
            for (var column = left; column <= right; column++)
            {
                double dx = ((column + 0.5) / side - centreX) / scene.Radius, dy = ((row + 0.5) / side - centreY) / scene.Radius;
                var distance = Outline.Distance(scene.Fact.Shape, dx * cos + dy * sin, dy * cos - dx * sin) * scene.Radius * side;
                var cover = Math.Clamp(0.5 - distance, 0, 1);
                if (cover == 0)
                    continue;
                var at = 3 * (row * side + column);
                picture[at] = Channel(picture[at] + cover * (scene.Ink.Red - picture[at]));
                picture[at + 1] = Channel(picture[at + 1] + cover * (scene.Ink.Green - picture[at + 1]));
                picture[at + 2] = Channel(picture[at + 2] + cover * (scene.Ink.Blue - picture[at + 2]));
            }
        }
    }

    private int Pixel(double fraction) => Math.Clamp((int)(fraction * side), 0, side - 1);

    private static byte Channel(double value) => (byte)Math.Clamp(value + 0.5, 0, 255);
}
