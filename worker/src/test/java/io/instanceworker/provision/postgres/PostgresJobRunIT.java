package io.instanceworker.provision.postgres;

import io.instanceworker.provision.JobRunContract;
import io.instanceworker.provision.JournalFixture;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {11, 18})
class PostgresJobRunIT extends JobRunContract {

    @Parameter
    int major;

    @Override
    protected JournalFixture openBench() {
        return new PostgresFixture(major);
    }
}
