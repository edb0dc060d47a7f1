package io.instanceworker.endtoend;

import io.instanceworker.testing.PostgresServers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * All that a run does of its own will, and the seed alone says what: the version of PostgreSQL, the jobs, and the faults.
 * What the workers, the servers and the threads make of it is different each time.
 *
 * @param posts in the order in which they are published
 */
record ChaosPlan(List<ChaosPost> posts, Map<ChaosFault.Lane, List<ChaosFault>> faults) {

    static final int WORKERS = 3;

    private static final long LONGEST_MILLIS = 4_000;
    private static final List<Saying> BY_POSTGRES = List.of(
            Saying.CREATED,
            Saying.COMMITTED,
            Saying.DROPPED,
            Saying.JOURNAL_INSERTED,
            Saying.JOURNAL_UPDATED,
            Saying.ANY_ANSWER);
    private static final List<Saying> BY_BROKER = List.of(Saying.CONFIRM, Saying.CONFIRM, Saying.ANY_ANSWER);
    private static final List<Saying> TO_BROKER = List.of(Saying.RESULT, Saying.RESULT, Saying.NEXT_ATTEMPT);

    static int postgresMajor(long seed) {
        int[] majors = IntStream.rangeClosed(PostgresServers.OLDEST, PostgresServers.NEWEST)
                .filter(PostgresServers::isAvailable)
                .toArray();
        return majors[(int) Long.remainderUnsigned(seed, majors.length)];
    }

    /** @param start what deadlines are counted from */
    static ChaosPlan of(long seed, ChaosForm form, Instant start) {
        List<ChaosPost> posts = new ArrayList<>(new ChaosJobs(new Random(seed), form, start).posts());
        posts.sort(Comparator.comparingLong(ChaosPost::at));
        return new ChaosPlan(List.copyOf(posts), faults(new Random(seed), form));
    }

    private static Map<ChaosFault.Lane, List<ChaosFault>> faults(Random random, ChaosForm form) {
        Map<ChaosFault.Lane, List<ChaosFault.Kind>> kinds = new EnumMap<>(ChaosFault.Lane.class);
        for (ChaosFault.Kind kind : ChaosFault.Kind.values()) {
            kinds.computeIfAbsent(kind.lane(), lane -> new ArrayList<>())
                    .addAll(Collections.nCopies(kind.times(form), kind));
        }
        Map<ChaosFault.Lane, List<ChaosFault>> faults = new EnumMap<>(ChaosFault.Lane.class);
        kinds.forEach((lane, ofLane) -> {
            Collections.shuffle(ofLane, random);
            int usualPause = (int) (form.millis() / (ofLane.size() + 1));
            faults.put(
                    lane,
                    ofLane.stream()
                            .map(kind -> fault(kind, usualPause / 2 + random.nextInt(usualPause), random))
                            .toList());
        });
        return faults;
    }

    private static ChaosFault fault(ChaosFault.Kind kind, long after, Random random) {
        List<Saying> sayings = switch (kind) {
            case POSTGRES_ANSWER_LOST -> BY_POSTGRES;
            case BROKER_REQUEST_LOST -> TO_BROKER;
            default -> BY_BROKER;
        };
        return new ChaosFault(
                kind,
                random.nextInt(WORKERS),
                after,
                random.nextLong(LONGEST_MILLIS),
                sayings.get(random.nextInt(sayings.size())),
                random.nextInt(3) == 0 ? ChaosJobs.MINIMAL : ChaosJobs.database(random.nextInt(ChaosJobs.NAMES)));
    }
}
