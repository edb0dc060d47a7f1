package io.instanceworker.provision.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.util.Map;
import javax.net.SocketFactory;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Makes sockets that notice within a minute that the other side is unreachable, even while they only wait for its answer,
 * as during a CREATE or a DROP. The operating system's own times are two hours. The driver makes an object of this class
 * by its name, so class and constructor are public.
 *
 * <p>Only what is waiting for an answer is covered. A statement that was sent and never acknowledged is repeated by the
 * operating system until it gives up, on Linux after about 15 minutes.
 */
public final class KeepAliveSocketFactory extends SocketFactory {

    private static final int IDLE_SECONDS = 30;
    private static final int INTERVAL_SECONDS = 10;
    private static final int COUNT = 3;

    private static final Map<SocketOption<Integer>, Integer> TIMES = Map.of(
            ExtendedSocketOptions.TCP_KEEPIDLE, IDLE_SECONDS,
            ExtendedSocketOptions.TCP_KEEPINTERVAL, INTERVAL_SECONDS,
            ExtendedSocketOptions.TCP_KEEPCOUNT, COUNT);

    /**
     * The same for the server's side of a session: it then ends a session whose worker is unreachable, and frees its locks.
     * Version 11 has no tcp_user_timeout. Where the server's operating system does not support one, the server logs that and goes on.
     */
    static final String SERVER_SIDE =
            """
            SELECT set_config(s.name, w.value, false)
            FROM pg_catalog.pg_settings s
            JOIN (VALUES ('tcp_keepalives_idle', '%d'), ('tcp_keepalives_interval', '%d'), ('tcp_keepalives_count', '%d'),
                         ('tcp_user_timeout', '%d')) AS w(name, value) ON w.name = s.name
            """.formatted(IDLE_SECONDS, INTERVAL_SECONDS, COUNT, (IDLE_SECONDS + INTERVAL_SECONDS * COUNT) * 1000);

    @Override
    public Socket createSocket() throws IOException {
        Socket socket = new Socket();
        socket.setKeepAlive(true);
        for (Map.Entry<SocketOption<Integer>, Integer> time : TIMES.entrySet()) {
            if (socket.supportedOptions().contains(time.getKey())) {
                socket.setOption(time.getKey(), time.getValue());
            }
        }
        return socket;
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return connected(new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return connected(new InetSocketAddress(address, port), new InetSocketAddress(localAddress, localPort));
    }

    private Socket connected(InetSocketAddress address, @Nullable InetSocketAddress local) throws IOException {
        Socket socket = createSocket();
        try {
            socket.bind(local);
            socket.connect(address);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
