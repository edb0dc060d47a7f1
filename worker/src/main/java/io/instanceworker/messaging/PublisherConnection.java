package io.instanceworker.messaging;

import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.ShutdownSignalException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionListener;

/** The connection for publishing results, and whether the broker blocks it. */
final class PublisherConnection implements ConnectionListener, BlockedListener {

    private final ConnectionFactory connections;
    private volatile boolean blocked;

    /** @param connections used only for publishing */
    PublisherConnection(ConnectionFactory connections) {
        this.connections = connections;
        connections.addConnectionListener(this);
    }

    /**
     * Closes the connection, so that the next publish opens a new one. Not while the broker blocks the connection for lack of
     * memory or disk: the broker reads the messages later, and if they were published again, they would be duplicates.
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
