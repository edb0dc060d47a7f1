package io.instanceworker.tds;

import java.io.IOException;
import java.net.Socket;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** One client: greeting, login, and then one statement after the other, each of which the client may cancel. */
final class TdsConnection {

    private static final int OPTION_VERSION = 0;
    private static final int OPTION_ENCRYPTION = 1;
    private static final int OPTION_END = 0xFF;
    private static final int ENCRYPT_OFF = 0;
    private static final int ENCRYPT_ON = 1;
    private static final int ENCRYPT_NOT_SUPPORTED = 2;
    private static final int ENCRYPT_REQUIRED = 3;

    private final TdsServer server;
    private final Socket socket;
    private final Call.Prepared prepared = new Call.Prepared();
    private volatile @Nullable Session session;

    TdsConnection(TdsServer server, Socket socket) {
        this.server = server;
        this.socket = socket;
    }

    boolean serves(Session other) {
        return other.equals(session);
    }

    void cut() {
        try {
            socket.close();
        } catch (IOException e) {
            server.defects().add(e);
        }
    }

    void run() {
        try {
            socket.setTcpNoDelay(true);
            serve(new TdsChannel(socket));
        } catch (IOException gone) {
            // As a server, the fake only notices it.
            cut();
        } catch (RuntimeException e) {
            server.defects().add(e);
            cut();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cut();
        }
    }

    private void serve(TdsChannel channel) throws IOException, InterruptedException {
        try {
            if (login(channel)) {
                statements(channel, Objects.requireNonNull(session));
            }
        } finally {
            Session ended = session;
            if (ended != null) {
                server.handler().ended(ended);
            }
            channel.close();
        }
    }

    private boolean login(TdsChannel channel) throws IOException {
        TdsChannel.Message message = channel.receive();
        if (message != null && message.type() == TdsChannel.PRELOGIN) {
            greet(channel, message.bytes());
            message = channel.receive();
        }
        if (message == null) {
            return false;
        }
        if (message.type() != TdsChannel.LOGIN) {
            throw new IllegalStateException("The fake expected a login and not a message of type " + message.type());
        }
        LoginRequest request = LoginRequest.read(message.bytes());
        TdsOutput answer = new TdsOutput();
        try {
            Session accepted = server.login(request);
            session = accepted;
            answer.loginAccepted(accepted, TdsServer.VERSION, TdsChannel.PACKET_SIZE);
        } catch (SqlError refused) {
            // Where something else than the password is wrong, the server says that first.
            SqlError loginFailed = TdsServer.loginFailed(request.user());
            if (refused.number() != loginFailed.number()) {
                answer.error(refused);
            }
            answer.failed(loginFailed, false);
        }
        channel.send(TdsChannel.ANSWER, answer.toBytes());
        return session != null;
    }

    /** A server with TLS requires it for everything, so that only one of the protocol's two ways has to be spoken. */
    private void greet(TdsChannel channel, byte[] greeting) throws IOException {
        SSLContext tls = server.tls();
        int asked = asked(greeting);
        int answered = tls == null ? ENCRYPT_NOT_SUPPORTED : asked == ENCRYPT_ON ? ENCRYPT_ON : ENCRYPT_REQUIRED;
        int versionAt = 11;
        byte[] answer = {
            OPTION_VERSION,
            0,
            (byte) versionAt,
            0,
            6,
            OPTION_ENCRYPTION,
            0,
            (byte) (versionAt + 6),
            0,
            1,
            (byte) OPTION_END,
            (byte) TdsServer.VERSION[0],
            (byte) TdsServer.VERSION[1],
            (byte) TdsServer.VERSION[2],
            (byte) TdsServer.VERSION[3],
            0,
            0,
            (byte) answered
        };
        channel.send(TdsChannel.ANSWER, answer);
        if (tls != null) {
            channel.encrypt(tls);
        }
    }

    private static int asked(byte[] greeting) {
        for (int at = 0; Byte.toUnsignedInt(greeting[at]) != OPTION_END; at += 5) {
            if (greeting[at] == OPTION_ENCRYPTION) {
                int offset = Byte.toUnsignedInt(greeting[at + 1]) << 8 | Byte.toUnsignedInt(greeting[at + 2]);
                return greeting[offset];
            }
        }
        return ENCRYPT_OFF;
    }

    private void statements(TdsChannel channel, Session session) throws IOException, InterruptedException {
        Running running = new Running(channel, session, null);
        try {
            while (true) {
                TdsChannel.Message message = channel.receive();
                if (message == null) {
                    return;
                }
                if (message.type() == TdsChannel.ATTENTION) {
                    running.cancel();
                    running.awaitEnd();
                    TdsOutput out = new TdsOutput();
                    out.attentionSeen();
                    channel.send(TdsChannel.ANSWER, out.toBytes());
                } else {
                    running.awaitEnd();
                    running = new Running(channel, session, message);
                    server.threads().execute(running);
                }
            }
        } finally {
            running.cancel();
            running.awaitEnd();
        }
    }

    /** A statement under way, on a thread of its own: the client may cancel it meanwhile. */
    private final class Running implements Runnable {

        private final TdsChannel channel;
        private final Session session;
        private final TdsChannel.@Nullable Message message;
        private final CountDownLatch ended = new CountDownLatch(1);
        private @Nullable Thread thread;
        private boolean cancelled;

        /** @param message null for one that has ended */
        Running(TdsChannel channel, Session session, TdsChannel.@Nullable Message message) {
            this.channel = channel;
            this.session = session;
            this.message = message;
            if (message == null) {
                ended.countDown();
            }
        }

        synchronized void cancel() {
            cancelled = true;
            if (thread != null) {
                thread.interrupt();
            }
        }

        void awaitEnd() throws InterruptedException {
            ended.await();
        }

        private synchronized void begin() {
            thread = Thread.currentThread();
            if (cancelled) {
                thread.interrupt();
            }
        }

        @Override
        public void run() {
            try {
                begin();
                TdsOutput out = new TdsOutput();
                boolean goesOn = answer(Objects.requireNonNull(message), out);
                channel.send(TdsChannel.ANSWER, out.toBytes());
                if (!goesOn) {
                    cut();
                }
            } catch (IOException gone) {
                // As a server, the fake only notices it.
                cut();
            } catch (RuntimeException e) {
                server.defects().add(e);
                cut();
            } finally {
                synchronized (this) {
                    thread = null;
                }
                ended.countDown();
            }
        }

        /** @return false if the server ends the connection */
        private boolean answer(TdsChannel.Message asked, TdsOutput out) {
            boolean isCall = asked.type() == TdsChannel.CALL;
            if (!isCall && asked.type() != TdsChannel.BATCH) {
                throw new IllegalStateException("The fake does not know messages of the type " + asked.type());
            }
            String before = session.database();
            Call call = isCall ? Call.read(asked.bytes(), prepared) : Call.ofBatch(asked.bytes());
            try {
                Answer answer =
                        call.forgotten() ? Answer.nothing() : server.handler().answer(session, call.statement());
                tellDatabase(before, out);
                out.answer(answer, isCall, call.handle());
            } catch (SqlError e) {
                tellDatabase(before, out);
                out.failed(e, isCall);
                return e.severity() < SqlError.FATAL;
            } catch (InterruptedException cancelledByClient) {
                // The cancelling has an answer of its own, in the next message.
                out.cancelled(isCall);
            }
            return true;
        }

        private void tellDatabase(String before, TdsOutput out) {
            if (!session.database().equals(before)) {
                out.changedDatabase(before, session.database());
            }
        }
    }
}
