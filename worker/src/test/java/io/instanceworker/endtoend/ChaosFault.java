package io.instanceworker.endtoend;

import java.util.Locale;

/**
 * Something that goes wrong.
 *
 * @param worker whose worker or line it is, where it is one's
 * @param after how many milliseconds after the fault before it in its lane
 * @param lasts for how many milliseconds what goes wrong stays wrong
 * @param saying what is lost, where something is
 * @param database which one is in use, where one is
 */
record ChaosFault(Kind kind, int worker, long after, long lasts, Saying saying, String database) {

    /** Faults of one lane come one after the other; those of different lanes coincide as they like. */
    enum Lane {
        BROKER,
        POSTGRES,
        WORKERS,
        LINES,
        USERS
    }

    enum Kind {
        BROKER_STOP(Lane.BROKER, 1, 2),
        BROKER_KILL(Lane.BROKER, 1, 2),
        POSTGRES_FAST_STOP(Lane.POSTGRES, 1, 2),
        POSTGRES_IMMEDIATE_STOP(Lane.POSTGRES, 1, 2),
        POSTGRES_KILL(Lane.POSTGRES, 0, 1),
        WORKER_KILL(Lane.WORKERS, 2, 5),
        WORKER_SIGTERM(Lane.WORKERS, 1, 3),
        BROKER_LINE_CUT(Lane.LINES, 2, 4),
        BROKER_LINE_CLOSED(Lane.LINES, 1, 2),
        BROKER_ANSWER_LOST(Lane.LINES, 3, 6),
        BROKER_REQUEST_LOST(Lane.LINES, 3, 6),
        POSTGRES_LINE_CUT(Lane.LINES, 2, 4),
        POSTGRES_LINE_CLOSED(Lane.LINES, 1, 2),
        POSTGRES_ANSWER_LOST(Lane.LINES, 4, 8),
        DATABASE_IN_USE(Lane.USERS, 3, 6);

        private final Lane lane;
        private final int inShort;
        private final int inLong;

        Kind(Lane lane, int inShort, int inLong) {
            this.lane = lane;
            this.inShort = inShort;
            this.inLong = inLong;
        }

        Lane lane() {
            return lane;
        }

        int times(ChaosForm form) {
            return form == ChaosForm.SHORT ? inShort : inLong;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    @Override
    public String toString() {
        String where = switch (kind.lane()) {
            case WORKERS, LINES -> " of worker " + (worker + 1);
            case USERS -> " " + database;
            default -> "";
        };
        String what = kind.name().endsWith("_LOST")
                ? " (" + saying.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ")"
                : "";
        return kind + where + what + ", " + lasts + " ms";
    }
}
