package io.instanceworker.provision.postgres;

import io.instanceworker.provision.EngineFixture;
import io.instanceworker.provision.ProvisionerContract;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract on every supported version. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {11, 12, 13, 14, 15, 16, 17, 18})
class PostgresProvisionerIT extends ProvisionerContract {

    @Parameter
    int major;

    @Override
    protected EngineFixture openBench() {
        return new PostgresFixture(major);
    }
}
