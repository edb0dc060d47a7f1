package io.instanceworker.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A port of this machine that leads to a server, or, while it is closed, to nobody: connections to it are refused. */
public class Forwarder implements AutoCloseable {

    private final InetSocketAddress server;
    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Set<Socket> onServersSide = ConcurrentHashMap.newKeySet();
    private volatile boolean clientsStayConnected;
    private Socket placeholder;
    private ServerSocket listener;
    private Thread acceptor;

    /** Closed at first. */
    public Forwarder(String host, int serverPort) {
        this.server = new InetSocketAddress(host, serverPort);
        try {
            placeholder = placeholder(0);
            port = placeholder.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Holds the port without listening, so that nobody else gets it. */
    private static Socket placeholder(int port) throws IOException {
        Socket socket = new Socket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    public int port() {
        return port;
    }

    public synchronized Forwarder open() {
        try {
            placeholder.close();
            ServerSocket opened = new ServerSocket();
            opened.setReuseAddress(true);
            opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            listener = opened;
            acceptor = run("accept", () -> accept(opened));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(ServerSocket opened) throws IOException {
        while (true) {
            Socket client = opened.accept();
            Socket onward = new Socket();
            open.removeIf(Socket::isClosed);
            onServersSide.removeIf(Socket::isClosed);
            open.add(client);
            open.add(onward);
            onServersSide.add(onward);
            try {
                onward.connect(server);
            } catch (IOException e) {
                // The server is away; its clients notice, and may come again.
                client.close();
                continue;
            }
            run("to server", () -> pump(client, onward, this::toServer));
            run("to client", () -> pump(onward, client, this::toClient));
        }
    }

    private void pump(Socket from, Socket to, Pump pump) throws IOException {
        try {
            pump.run(from.getInputStream(), to.getOutputStream());
        } finally {
            if (!clientsStayConnected) {
                from.close();
                to.close();
            }
        }
    }

    /** What the client says, on its way to the server. */
    protected void toServer(InputStream from, OutputStream to) throws IOException {
        copy(from, to);
    }

    /** What the server says, on its way to the client. */
    protected void toClient(InputStream from, OutputStream to) throws IOException {
        copy(from, to);
    }

    protected static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[8192];
        for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
            to.write(buffer, 0, read);
        }
    }

    private static Thread run(String name, Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException e) {
                        // One side has closed its end, or this was closed.
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Refuses new connections and cuts those that are there. */
    public synchronized void shut() {
        try {
            listener.close();
            // Until it has noticed, the port is not free.
            acceptor.join();
            placeholder = placeholder(port);
            cutAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends the connections that are there; new ones get through. */
    public synchronized void cut() {
        try {
            cutAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The server sees that its clients have gone; they notice nothing until {@link #cut}, and get no answer. */
    public synchronized void cutOnServersSide() {
        clientsStayConnected = true;
        try {
            for (Socket socket : onServersSide) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void cutAll() throws IOException {
        clientsStayConnected = false;
        for (Socket socket : open) {
            socket.close();
        }
        open.clear();
        onServersSide.clear();
    }

    @Override
    public synchronized void close() {
        try {
            placeholder.close();
            if (listener != null) {
                listener.close();
            }
            cutAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Pump {
        void run(InputStream from, OutputStream to) throws IOException;
    }

    private interface Task {
        void run() throws IOException;
    }
}
