package io.instanceworker.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {

    @Test
    void theShortFormHasSmallerNumbersWithAnyPlaceOfItsOption() {
        Options options = Options.parse("--size", "adds=7", "--short");

        assertThat(options.sizes.get("status-jobs")).isEqualTo(2_000);
        assertThat(options.sizes.get("adds")).isEqualTo(7);
        assertThat(options.versions).isEqualTo(List.of(18));
        assertThat(Options.parse().sizes.get("status-jobs")).isEqualTo(20_000);
    }

    @Test
    void singleMeasurementsCanBeSelected() {
        Options options = Options.parse("--only", "query,copy");

        assertThat(options.includes("copy")).isTrue();
        assertThat(options.includes("adds")).isFalse();
    }

    @Test
    void aSettingOfPostgresIsAddedToThoseOfTheBench() {
        Options options = Options.parse("--postgres-setting", "fsync=off", "--postgres-setting", "jit=off");

        assertThat(options.postgresSettings).containsEntry("fsync", "off").containsEntry("jit", "off");
        assertThat(Options.parse().postgresSettings).containsEntry("fsync", "on");
    }

    @ParameterizedTest
    @CsvSource({
        "--shrot, There is no option --shrot",
        "--json, --json takes a value",
        "--only everything, There is no measurement everything",
        "--postgres 10, from 11 to 18",
        "--size adds, --size takes NAME=N",
        "--size many=1, --size takes NAME=N",
        "--postgres-setting fsync, takes NAME=VALUE",
    })
    void aWrongOptionIsReported(String arguments, String message) {
        assertThatThrownBy(() -> Options.parse(arguments.split(" ")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
