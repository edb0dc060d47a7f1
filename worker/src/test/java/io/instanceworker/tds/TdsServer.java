package io.instanceworker.tds;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Listens on 127.0.0.1 and lets clients log in. */
public final class TdsServer implements AutoCloseable {

    /** SQL Server 2022. */
    static final int[] VERSION = {16, 0, 0x0F, 0xA0};

    private static final int LOGIN_FAILED = 18456;
    private static final int LOGIN_SEVERITY = 14;

    private final ServerSocket listening;
    private final SqlHandler handler;
    private final Map<String, String> passwords;
    private final @Nullable SSLContext tls;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "fake-sql-server");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<TdsConnection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger sessions = new AtomicInteger(50);
    private final Queue<Throwable> defects = new ConcurrentLinkedQueue<>();

    /**
     * @param passwords by login
     * @param tls null for a server that takes no encrypted connections
     */
    public TdsServer(SqlHandler handler, Map<String, String> passwords, @Nullable SSLContext tls) {
        this.handler = handler;
        this.passwords = Map.copyOf(passwords);
        this.tls = tls;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(this::listen);
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** What went wrong in the fake itself, such as a statement that it does not know. A test checks that there is nothing. */
    public Queue<Throwable> defects() {
        return defects;
    }

    /** Cuts every connection, in the middle of whatever is under way. */
    public void cutConnections() {
        connections.forEach(TdsConnection::cut);
    }

    /** Cuts the connection of one session, in the middle of whatever is under way. */
    public void cut(Session session) {
        connections.stream().filter(connection -> connection.serves(session)).forEach(TdsConnection::cut);
    }

    private void listen() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                TdsConnection connection = new TdsConnection(this, socket);
                connections.add(connection);
                threads.execute(() -> {
                    connection.run();
                    connections.remove(connection);
                });
            } catch (IOException e) {
                if (!listening.isClosed()) {
                    defects.add(e);
                }
            }
        }
    }

    Session login(LoginRequest request) {
        if (!request.password().equals(passwords.get(request.user()))) {
            throw loginFailed(request.user());
        }
        String database = request.database().isEmpty() ? "master" : request.database();
        Session session = new Session(sessions.incrementAndGet(), request.user(), request.application(), database);
        handler.began(session);
        return session;
    }

    static SqlError loginFailed(String user) {
        return new SqlError(LOGIN_FAILED, LOGIN_SEVERITY, "Login failed for user '" + user + "'.");
    }

    SqlHandler handler() {
        return handler;
    }

    @Nullable SSLContext tls() {
        return tls;
    }

    ExecutorService threads() {
        return threads;
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            cutConnections();
            threads.shutdownNow();
        }
    }
}
