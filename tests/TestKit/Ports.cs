using System.Net;
using System.Net.Sockets;

namespace TestKit;

/// <summary>
/// Loopback ports for servers of tests. A port is given out once in a process and lies below the range that the system
/// takes for outgoing connections: a server that is killed and started again finds its port free.
/// </summary>
public static class Ports
{
    private const int First = 10_000;
    private const int Last = 20_000;
    private static readonly Lock Gate = new();
    private static int s_next = First + (Environment.ProcessId * 37 % (Last - First));

    /// <summary>The first of so many neighbouring ports that nothing listens on.</summary>
    public static int Free(int count = 1)
    {
        lock (Gate)
        {
            while (true)
            {
                if (s_next + count > Last) s_next = First;
                var first = s_next;
                s_next += count;
                if (Enumerable.Range(first, count).All(IsFree)) return first;
            }
        }
    }

    /// <summary>Whether nobody listens on the port at this moment.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
