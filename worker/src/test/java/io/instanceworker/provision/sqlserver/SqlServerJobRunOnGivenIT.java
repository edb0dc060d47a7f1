package io.instanceworker.provision.sqlserver;

import io.instanceworker.provision.JobRunContract;
import io.instanceworker.provision.JournalFixture;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GivenServerCondition.class)
class SqlServerJobRunOnGivenIT extends JobRunContract {

    @Override
    protected JournalFixture openBench() {
        return new SqlServerFixture(TestServer.real());
    }
}
