package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Session;
import io.instanceworker.tds.SqlError;
import io.instanceworker.tds.SqlStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What goes wrong. Each fault happens once, to a statement whose text contains something. */
public final class Faults {

    private enum When {
        BEFORE,
        MIDWAY,
        AFTER
    }

    @FunctionalInterface
    private interface Effect {
        void on(Session session) throws InterruptedException;
    }

    private static final class Fault {
        private final When when;
        private final String text;
        private final Effect effect;
        private int left;

        Fault(When when, String text, int nth, Effect effect) {
            this.when = when;
            this.text = text;
            this.effect = effect;
            left = nth;
        }
    }

    private final List<Fault> faults = new ArrayList<>();
    private final Consumer<Session> cut;

    /** @param cut ends the connection of a session */
    Faults(Consumer<Session> cut) {
        this.cut = cut;
    }

    /** The next statement that contains the text fails, and does nothing. */
    public void fail(String text, int number, int severity) {
        fail(text, 1, number, severity);
    }

    /** @param nth 1 for the next statement that contains the text */
    public void fail(String text, int nth, int number, int severity) {
        add(When.BEFORE, text, nth, session -> {
            throw error(number, severity);
        });
    }

    /** The next BACKUP or RESTORE that contains the text fails after it has begun. */
    public void failMidway(String text, int number, int severity) {
        add(When.MIDWAY, text, 1, session -> {
            throw error(number, severity);
        });
    }

    /** The next statement that contains the text is executed, and its answer is an error. */
    public void failAfter(String text, int number, int severity) {
        add(When.AFTER, text, 1, session -> {
            throw error(number, severity);
        });
    }

    private static SqlError error(int number, int severity) {
        return new SqlError(number, severity, "A fault of the test: error " + number);
    }

    /** The connection of the next statement that contains the text is cut, and the statement is not executed. */
    public void cutBefore(String text) {
        add(When.BEFORE, text, 1, session -> {
            cut.accept(session);
            throw new InterruptedException("cut");
        });
    }

    /** The next BACKUP or RESTORE that contains the text loses its connection, and ends, after it has begun. */
    public void cutMidway(String text) {
        add(When.MIDWAY, text, 1, session -> {
            cut.accept(session);
            throw new InterruptedException("cut");
        });
    }

    /** The next statement that contains the text is executed, and its answer is lost. */
    public void cutAfter(String text) {
        add(When.AFTER, text, 1, cut::accept);
    }

    /** The next statement that contains the text waits before it does anything. */
    public Hold hold(String text) {
        return hold(When.BEFORE, text);
    }

    /** The next BACKUP or RESTORE that contains the text waits after it has begun. */
    public Hold holdMidway(String text) {
        return hold(When.MIDWAY, text);
    }

    /** The next statement that contains the text is executed, and its answer waits. */
    public Hold holdAnswer(String text) {
        return hold(When.AFTER, text);
    }

    private Hold hold(When when, String text) {
        Hold hold = new Hold(text);
        add(when, text, 1, session -> hold.passThrough());
        return hold;
    }

    /** No more faults. Statements that are held stay so. */
    public synchronized void clear() {
        faults.clear();
    }

    private synchronized void add(When when, String text, int nth, Effect effect) {
        faults.add(new Fault(when, text, nth, effect));
    }

    void before(Session session, SqlStatement statement) throws InterruptedException {
        happen(When.BEFORE, session, statement);
    }

    void midway(Session session, SqlStatement statement) throws InterruptedException {
        happen(When.MIDWAY, session, statement);
    }

    void after(Session session, SqlStatement statement) throws InterruptedException {
        happen(When.AFTER, session, statement);
    }

    private void happen(When when, Session session, SqlStatement statement) throws InterruptedException {
        Fault due = due(when, statement);
        if (due != null) {
            due.effect.on(session);
        }
    }

    private synchronized @Nullable Fault due(When when, SqlStatement statement) {
        for (Fault fault : faults) {
            boolean meant = statement.text().contains(fault.text)
                    || statement.onOneLine().contains(fault.text);
            if (fault.when == when && meant && --fault.left == 0) {
                faults.remove(fault);
                return fault;
            }
        }
        return null;
    }

    /** A statement that waits until the test lets it go on. */
    public static final class Hold {

        private static final Duration LONGEST = Duration.ofSeconds(30);

        private final String text;
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        private Hold(String text) {
            this.text = text;
        }

        private void passThrough() throws InterruptedException {
            arrived.countDown();
            released.await();
        }

        public boolean hasArrived() {
            return arrived.getCount() == 0;
        }

        public void awaitArrival() throws InterruptedException {
            if (!arrived.await(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("No statement with the text has arrived: " + text);
            }
        }

        public void release() {
            released.countDown();
        }
    }
}
