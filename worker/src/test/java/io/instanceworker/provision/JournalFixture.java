package io.instanceworker.provision;

import io.instanceworker.contracts.provision.InstanceProvisioner;
import java.util.List;

/** One server of an engine that has a journal. */
public interface JournalFixture extends EngineFixture {

    /** Another worker's provisioner on the same server. */
    InstanceProvisioner anotherProvisioner();

    /** The first column of a query's rows, in the journal's database. */
    List<String> queryJournal(String sql);

    /** Runs a statement in the journal's database. */
    void changeJournal(String sql);
}
