package io.instanceworker.provision.sqlserver;

import io.instanceworker.provision.JobRunContract;
import io.instanceworker.provision.JournalFixture;
import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;

class SqlServerJobRunIT extends JobRunContract {

    @Override
    protected JournalFixture openBench() {
        return new SqlServerFixture(TestServer.fake(new FakeSqlServer()));
    }
}
