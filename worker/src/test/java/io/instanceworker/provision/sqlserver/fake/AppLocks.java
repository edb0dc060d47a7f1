package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Locks of sp_getapplock that sessions own. Who asked first gets a lock first. */
final class AppLocks {

    static final int GRANTED = 0;
    static final int GRANTED_AFTER_WAITING = 1;
    static final int TIMEOUT = -1;

    /** @param database its id: a lock is only one for the sessions in one database */
    record Name(int database, String resource) {}

    private record Asked(Session session, boolean exclusive) {}

    private static final class Lock {
        private final List<Asked> holders = new ArrayList<>();
        private final List<Asked> waiting = new ArrayList<>();

        boolean isFreeFor(Asked asked) {
            return holders.stream().noneMatch(other -> excludes(other, asked));
        }

        boolean isFirst(Asked asked) {
            boolean holds = holders.stream().anyMatch(holder -> holder.session().equals(asked.session()));
            return holds
                    || waiting.stream()
                            .takeWhile(other -> !other.equals(asked))
                            .noneMatch(other -> excludes(other, asked));
        }

        private static boolean excludes(Asked other, Asked asked) {
            return !other.session().equals(asked.session()) && (other.exclusive() || asked.exclusive());
        }
    }

    private final Map<Name, Lock> locks = new HashMap<>();

    /** @param timeoutMillis negative for no limit */
    synchronized int take(Name name, Session session, boolean exclusive, long timeoutMillis)
            throws InterruptedException {
        Lock lock = locks.computeIfAbsent(name, unused -> new Lock());
        Asked asked = new Asked(session, exclusive);
        long start = System.nanoTime();
        boolean waited = false;
        lock.waiting.add(asked);
        try {
            while (!lock.isFreeFor(asked) || !lock.isFirst(asked)) {
                waited = true;
                long left = timeoutMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                if (timeoutMillis >= 0 && left <= 0) {
                    return TIMEOUT;
                }
                wait(timeoutMillis < 0 ? 0 : left);
            }
            lock.holders.add(asked);
            return waited ? GRANTED_AFTER_WAITING : GRANTED;
        } finally {
            lock.waiting.remove(asked);
            notifyAll();
        }
    }

    /** As {@code APPLOCK_MODE} has it. */
    synchronized String mode(Name name, Session session) {
        Lock lock = locks.get(name);
        List<Asked> held = lock == null
                ? List.of()
                : lock.holders.stream()
                        .filter(holder -> holder.session().equals(session))
                        .toList();
        if (held.isEmpty()) {
            return "NoLock";
        }
        return held.stream().anyMatch(Asked::exclusive) ? "Exclusive" : "Shared";
    }

    /** @return false if the session does not hold it */
    synchronized boolean release(Name name, Session session) {
        Lock lock = locks.get(name);
        if (lock == null) {
            return false;
        }
        for (Asked holder : lock.holders) {
            if (holder.session().equals(session)) {
                lock.holders.remove(holder);
                notifyAll();
                return true;
            }
        }
        return false;
    }

    synchronized void releaseAll(Session session) {
        locks.values()
                .forEach(
                        lock -> lock.holders.removeIf(holder -> holder.session().equals(session)));
        notifyAll();
    }
}
