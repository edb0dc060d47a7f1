package io.instanceworker.provision.fake;

import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.ServerAddress;
import io.instanceworker.contracts.provision.StepListener;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The fake engine, failing on demand. */
public final class FailingProvisioner implements InstanceProvisioner {

    private final InMemoryProvisioner memory;
    private RuntimeException always;
    private RuntimeException onMaking;
    private Runnable whenMaking = () -> {};
    private int calls;

    public FailingProvisioner(InMemoryProvisioner memory) {
        this.memory = memory;
    }

    public InMemoryProvisioner memory() {
        return memory;
    }

    public void failAll(RuntimeException failure) {
        always = failure;
    }

    public void failMaking(RuntimeException failure) {
        onMaking = failure;
    }

    public void whenMaking(Runnable hook) {
        whenMaking = hook;
    }

    /** How often the server was asked for anything. */
    public int calls() {
        return calls;
    }

    private InMemoryProvisioner called() {
        calls++;
        if (always != null) {
            throw always;
        }
        return memory;
    }

    private InMemoryProvisioner making() {
        whenMaking.run();
        if (onMaking != null) {
            throw onMaking;
        }
        return called();
    }

    @Override
    public DatabaseNameRules nameRules() {
        return memory.nameRules();
    }

    @Override
    public ServerAddress address() {
        return memory.address();
    }

    @Override
    public Optional<InstanceLock> tryLock(LockRequest request, StepListener steps) {
        return called().tryLock(request, steps);
    }

    @Override
    public InstanceStatus addInstance(InstanceLock lock, AddInstance request) {
        return making().addInstance(lock, request);
    }

    @Override
    public InstanceStatus copyInstance(InstanceLock lock, CopyInstance request) {
        return making().copyInstance(lock, request);
    }

    @Override
    public InstanceStatus deleteInstance(InstanceLock lock, String databaseName) {
        return called().deleteInstance(lock, databaseName);
    }

    @Override
    public InstanceStatus instanceInfo(String databaseName) {
        return called().instanceInfo(databaseName);
    }

    @Override
    public InstanceStatus instanceStatus(String databaseName) {
        return called().instanceStatus(databaseName);
    }

    @Override
    public InstanceStatus verifyInstance(String databaseName) {
        return called().verifyInstance(databaseName);
    }

    @Override
    public List<InstanceStatus> instances() {
        return called().instances();
    }

    @Override
    public List<InstanceStatus> measure(Collection<String> databaseNames) {
        return called().measure(databaseNames);
    }

    @Override
    public List<Leftover> leftovers() {
        return called().leftovers();
    }

    @Override
    public boolean removeLeftover(Leftover leftover) {
        return called().removeLeftover(leftover);
    }

    @Override
    public void close() {
        memory.close();
    }
}
