package io.instanceworker.messaging;

import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.ShutdownSignalException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionListener;

/** The connection that results are published by, and whether the broker reads from it. */
final class PublisherConnection implements ConnectionListener, BlockedListener {

    private final ConnectionFactory connections;
    private volatile boolean blocked;

    /** @param connections of publishers alone */
    PublisherConnection(ConnectionFactory connections) {
        this.connections = connections;
        connections.addConnectionListener(this);
    }

    /**
     * Ends it, so that there is a new one at the next need. Not while the broker reads nothing, for want of memory or disk: it
     * reads what is on its way when it has enough again, and sent once more it would be there twice.
     */
    void renew() {
        if (!blocked) {
            connections.resetConnection();
        }
    }

    @Override
    public void onCreate(@Nullable Connection connection) {
        blocked = false;
        Objects.requireNonNull(connection, "the one that was created").addBlockedListener(this);
    }

    @Override
    public void onShutDown(ShutdownSignalException signal) {
        blocked = false;
    }

    @Override
    public void handleBlocked(String reason) {
        blocked = true;
    }

    @Override
    public void handleUnblocked() {
        blocked = false;
    }
}
