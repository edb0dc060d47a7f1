package io.instanceworker.messaging.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerDiagnosisTest {

    @ParameterizedTest
    @CsvSource({
        "2.8.7, true",
        "3.9.29, true",
        "3.10.0, false",
        "3.13.7, false",
        "4.0.5, false",
        "10.0.0-rc.1, false",
        "?, false"
    })
    void rabbitMqBefore310IsTooOld(String version, boolean tooOld) {
        assertThat(BrokerDiagnosis.isTooOld(version)).isEqualTo(tooOld);
    }
}
