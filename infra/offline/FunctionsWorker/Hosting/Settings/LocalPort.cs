using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// Where the local host listens: `--port`, TPO_PORT, Host:LocalHttpPort, 7071 (0 takes any free port), on Host:LocalHttpAddress, 127.0.0.1.
/// </summary>
internal static class LocalPort
{
    public static int Of(IConfiguration settings)
    {
        var text = settings["port"] ?? settings["TPO_PORT"] ?? settings["Host:LocalHttpPort"] ?? "7071";
        return int.TryParse(text, out var port) && port is >= 0 and <= 65535
            ? port
            : throw new StartupException($"The port '{text}' is not a number from 0 to 65535.");
    }

    /// <summary>Loopback unless told otherwise: this host asks for no keys by default. A container sets 0.0.0.0.</summary>
    public static IPAddress AddressOf(IConfiguration settings)
    {
        var text = settings["Host:LocalHttpAddress"] ?? "127.0.0.1";
        return IPAddress.TryParse(text, out var address)
            ? address
            : throw new StartupException($"The setting Host:LocalHttpAddress, '{text}', is no IP address.");
    }

    /// <summary>Says early and plainly that the port is taken; Kestrel would say it in forty lines.</summary>
    public static void Check(IConfiguration settings)
    {
        var port = Of(settings);
        try
        {
            using var listener = new TcpListener(AddressOf(settings), port);
            listener.Start();
        }
        catch (SocketException e)
        {
            throw new StartupException(
                $"Port {port} cannot be had ({e.Message}): another function host may be running (`./tpo down` stops it); "
                + "or choose another port with --port or TPO_PORT.", e);
        }
    }
}
