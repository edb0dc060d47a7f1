package io.instanceworker.endtoend.plugin;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ServerAddress;
import io.instanceworker.contracts.provision.StepListener;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The least that an engine can be. One worker is all that ever sees it, so its locks exclude nobody. */
public final class ShelfProvisioner implements InstanceProvisioner {

    private final Map<String, OwnershipMark> books = new ConcurrentHashMap<>();

    @Override
    public DatabaseNameRules nameRules() {
        return ShelfProvisionerFactory.RULES;
    }

    @Override
    public ServerAddress address() {
        return new ServerAddress("library", 7);
    }

    @Override
    public Optional<InstanceLock> tryLock(LockRequest request, StepListener steps) {
        return Optional.of(() -> {});
    }

    @Override
    public void addInstance(InstanceLock lock, AddInstance request, Runnable atCommit) {
        if (request.databaseName().endsWith("defect")) {
            throw new IllegalStateException("a defect of this engine");
        }
        atCommit.run();
        books.put(key(request.databaseName()), request.mark());
    }

    @Override
    public void copyInstance(InstanceLock lock, CopyInstance request, Runnable atCommit) {
        atCommit.run();
        books.put(key(request.databaseName()), request.mark());
    }

    @Override
    public void deleteInstance(InstanceLock lock, String databaseName) {
        books.remove(key(databaseName));
    }

    @Override
    public InstanceStatus instanceInfo(String databaseName) {
        return instanceStatus(databaseName);
    }

    @Override
    public InstanceStatus instanceStatus(String databaseName) {
        OwnershipMark mark = books.get(key(databaseName));
        return mark == null
                ? InstanceStatus.notFound(databaseName)
                : InstanceStatus.of(databaseName, InstanceState.ONLINE, mark);
    }

    private static String key(String databaseName) {
        return ShelfProvisionerFactory.RULES.canonical(databaseName);
    }

    @Override
    public InstanceStatus verifyInstance(String databaseName) {
        return instanceStatus(databaseName);
    }

    @Override
    public List<InstanceStatus> instances() {
        return measure(books.keySet());
    }

    @Override
    public List<InstanceStatus> measure(Collection<String> databaseNames) {
        return databaseNames.stream().map(this::instanceStatus).toList();
    }

    @Override
    public void close() {
        books.clear();
    }
}
