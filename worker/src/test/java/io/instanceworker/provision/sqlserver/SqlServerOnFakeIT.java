package io.instanceworker.provision.sqlserver;

import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Options;
import io.instanceworker.provision.sqlserver.fake.Platform;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass(name = "fake {0}")
@EnumSource(Platform.class)
class SqlServerOnFakeIT extends SqlServerContract {

    @Parameter
    Platform platform;

    @Override
    protected TestServer server() {
        return TestServer.fake(new FakeSqlServer(Options.standard().on(platform)));
    }
}
