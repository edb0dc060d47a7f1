package io.instanceworker.provision.sqlserver;

import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GivenServerCondition.class)
class SqlServerOnGivenIT extends SqlServerContract {

    @Override
    protected TestServer server() {
        return TestServer.real();
    }
}
