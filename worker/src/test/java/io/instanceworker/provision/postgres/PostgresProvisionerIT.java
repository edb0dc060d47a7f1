package io.instanceworker.provision.postgres;

import io.instanceworker.provision.EngineBench;
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
    protected EngineBench openBench() {
        return new PostgresBench(major);
    }
}
