package io.instanceworker.provision.sqlserver;

import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Options;
import io.instanceworker.provision.sqlserver.fake.Platform;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** One of the forms with TLS. */
@ParameterizedClass(name = "fake {0}")
@EnumSource(Platform.class)
class SqlServerOnFakeIT extends SqlServerContract {

    @Parameter
    Platform platform;

    @Override
    protected TestServer server() {
        Options options = Options.standard().on(platform);
        return TestServer.fake(new FakeSqlServer(platform == Platform.WINDOWS ? options.withTls() : options));
    }
}
