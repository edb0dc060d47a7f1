package io.instanceworker.provision.fake;

import io.instanceworker.provision.EngineFixture;
import io.instanceworker.provision.ProvisionerContract;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The fake, too, keeps what every engine promises. */
class InMemoryProvisionerTest extends ProvisionerContract {

    @Override
    protected EngineFixture openBench() {
        InMemoryProvisioner fake = new InMemoryProvisioner();
        return new EngineFixture() {
            @Override
            public InMemoryProvisioner provisioner() {
                return fake;
            }

            @Override
            public void makeTemplate(String databaseName, List<String> rows) {
                makeDatabase(databaseName, rows);
            }

            @Override
            public void makeDatabase(String databaseName, List<String> rows) {
                InMemoryProvisioner.Database template = new InMemoryProvisioner.Database();
                template.rows.addAll(rows);
                fake.databases().put(databaseName, template);
            }

            @Override
            public List<String> rows(String databaseName) {
                return List.copyOf(fake.databases().get(databaseName).rows);
            }

            @Override
            public void addRow(String databaseName, String row) {
                fake.databases().get(databaseName).rows.add(row);
            }

            @Override
            public String leave(String databaseName, Duration age) {
                return fake.leave(databaseName, age);
            }

            @Override
            public Set<String> databases() {
                Set<String> all = new HashSet<>(fake.databases().keySet());
                all.addAll(fake.left());
                return all;
            }

            @Override
            public void close() {
                fake.databases().clear();
            }
        };
    }
}
