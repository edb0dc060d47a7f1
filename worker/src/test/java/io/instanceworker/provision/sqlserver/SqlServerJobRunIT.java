package io.instanceworker.provision.sqlserver;

import io.instanceworker.provision.JobRunContract;
import io.instanceworker.provision.JournalFixture;
import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Options;
import io.instanceworker.provision.sqlserver.fake.Platform;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass(name = "fake {0}")
@EnumSource(
        value = Platform.class,
        names = {"LINUX", "AZURE_SQL_DATABASE"})
class SqlServerJobRunIT extends JobRunContract {

    @Parameter
    Platform platform;

    @Override
    protected JournalFixture openBench() {
        return new SqlServerFixture(
                TestServer.fake(new FakeSqlServer(Options.standard().on(platform))));
    }
}
