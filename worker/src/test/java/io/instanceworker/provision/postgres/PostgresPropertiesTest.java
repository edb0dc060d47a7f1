package io.instanceworker.provision.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.provision.postgres.PostgresProperties.Unsettable;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PostgresPropertiesTest {

    @Test
    void withoutPropertiesACopyHasAllSettingsAndItsStrategyDependsOnSize() {
        assertThat(PostgresProperties.of(Map.of()))
                .isEqualTo(new PostgresProperties(Unsettable.FAIL, CopyStrategy.AUTO));
    }

    /** An environment variable has no dashes in its name, and people write values in either case. */
    @Test
    void namesAndValuesAreReadInEverySpelling() {
        assertThat(PostgresProperties.of(Map.of("Unsettable", "SKIP", "copystrategy", "file-copy")))
                .isEqualTo(new PostgresProperties(Unsettable.SKIP, CopyStrategy.FILE_COPY));
        assertThat(PostgresProperties.mistakesIn(
                        Map.of("unsettable", "skip", "copy-strategy", "wal_log", "connect-timeout-seconds", "3")))
                .isEmpty();
    }

    @Test
    void everyMistakeIsReportedByItsName() {
        assertThat(PostgresProperties.mistakesIn(Map.of(
                        "unsettable",
                        "maybe",
                        "copy-strategy",
                        "fast",
                        "connect-timeout-seconds",
                        "0",
                        "colour",
                        "red")))
                .containsExactlyInAnyOrder(
                        "properties.unsettable: must be one of fail, skip",
                        "properties.copy-strategy: must be one of auto, wal_log, file_copy, clone",
                        "properties.connect-timeout-seconds: must be a number from 1 to 9999",
                        "properties.colour: is not a setting; there are connect-timeout-seconds, copy-strategy, unsettable");
    }
}
