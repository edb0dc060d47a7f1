package io.instanceworker.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopologyTest {

    @ParameterizedTest
    @CsvSource({"PT5S, 5s", "PT30S, 30s", "PT2M, 2m", "PT10M, 10m", "PT90S, 90s", "PT1H, 1h", "PT0.2S, 200ms"})
    void aTierIsNamedAfterItsDelay(Duration delay, String name) {
        assertThat(Topology.tierName(delay)).isEqualTo(name);
    }
}
