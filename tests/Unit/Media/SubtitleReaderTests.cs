using Tpo.Shared.Media;

namespace Tpo.Tests.Unit.Media;

public sealed class SubtitleReaderTests
{
    [Fact]
    public void SubRip_cues_are_read_without_their_numbers_and_tags()
    {
        var cues = SubtitleReader.Parse("\uFEFF1\r\n00:00:01,500 --> 00:00:03,000\r\n<i>Hello</i> there,\r\nfriend.\r\n\r\n2\r\n01:00:00,000 --> 01:00:02,250\r\n{\\an8}Later &amp; on\r\n");
        Assert.Equal([new(new(1.5, 3), "Hello there, friend."), new(new(3600, 3602.25), "Later & on")], cues);
    }

    [Fact]
    public void WebVtt_cues_are_read_without_header_notes_styles_and_settings()
    {
        var cues = SubtitleReader.Parse("""
            WEBVTT - a title

            NOTE
            00:00 is not --> a cue

            STYLE
            ::cue { color: red }

            intro
            00:01.000 --> 00:02.000 align:start position:10%
            <v Ann>Look!

            00:00:05.250 --> 00:00:06.000
            - Where?
            - There.
            """);
        Assert.Equal([new(new(1, 2), "Look!"), new(new(5.25, 6), "- Where? - There.")], cues);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no cues here\n\nnone")]
    [InlineData("1\n00:00:05,000 --> 00:00:04,000\nbackwards")]
    public void What_is_no_cue_gives_none(string text) => Assert.Empty(SubtitleReader.Parse(text));
}
