package io.instanceworker.provision.fake;

import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ServerAddress;
import io.instanceworker.contracts.provision.StepListener;
import io.instanceworker.contracts.provision.TrashInstance;
import io.instanceworker.contracts.provision.TrashedInstance;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The fake engine, failing on demand. */
public final class FailingProvisioner implements InstanceProvisioner {

    private final InMemoryProvisioner memory;
    private volatile RuntimeException always;
    private RuntimeException onMaking;
    private Runnable whenMaking = () -> {};
    private Runnable whenDropped = () -> {};
    private StepListener steps;
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

    public void whenDropped(Runnable hook) {
        whenDropped = hook;
    }

    /** That of the last lock. */
    public StepListener steps() {
        return steps;
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
    public Optional<InstanceLock> tryLock(LockRequest request, StepListener listener) {
        steps = listener;
        return called().tryLock(request, listener);
    }

    @Override
    public void addInstance(InstanceLock lock, AddInstance request, Runnable atCommit) {
        making().addInstance(lock, request, atCommit);
    }

    @Override
    public void copyInstance(InstanceLock lock, CopyInstance request, Runnable atCommit) {
        making().copyInstance(lock, request, atCommit);
    }

    @Override
    public void adoptInstance(InstanceLock lock, String databaseName, OwnershipMark mark, Runnable atCommit) {
        making().adoptInstance(lock, databaseName, mark, atCommit);
    }

    @Override
    public void trashInstance(InstanceLock lock, TrashInstance request, Runnable atCommit) {
        called().trashInstance(lock, request, atCommit);
        whenDropped.run();
    }

    @Override
    public List<TrashedInstance> trash() {
        return called().trash();
    }

    @Override
    public void restoreInstance(InstanceLock lock, TrashedInstance trashed, Runnable atCommit) {
        making().restoreInstance(lock, trashed, atCommit);
    }

    @Override
    public boolean dropTrashed(TrashedInstance trashed, Duration retention) {
        return called().dropTrashed(trashed, retention);
    }

    @Override
    public void deleteInstance(InstanceLock lock, String databaseName) {
        called().deleteInstance(lock, databaseName);
        whenDropped.run();
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

    /** Not counted: it is not a job's. */
    @Override
    public void probe() {
        RuntimeException failure = always;
        if (failure != null) {
            throw failure;
        }
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
