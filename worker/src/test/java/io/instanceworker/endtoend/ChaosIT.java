package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Several workers at work while everything around them breaks again and again, and they themselves. The system properties
 * chaos.seed, chaos.seeds and chaos.long say which runs there are; see docs/proof.md.
 */
class ChaosIT {

    private static final ChaosForm FORM = Boolean.getBoolean("chaos.long") ? ChaosForm.LONG : ChaosForm.SHORT;

    static LongStream seeds() {
        long first = Long.getLong("chaos.seed", ThreadLocalRandom.current().nextInt(1_000_000));
        return LongStream.range(first, first + Integer.getInteger("chaos.seeds", 1));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void noJobAndNoResultIsLostUnderRandomFaults(long seed) throws Exception {
        try (ChaosRun run = new ChaosRun(seed, FORM)) {
            assertThat(run.violations()).as("seed " + seed).isEmpty();
        }
    }
}
