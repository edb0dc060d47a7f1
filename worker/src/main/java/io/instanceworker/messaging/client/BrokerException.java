package io.instanceworker.messaging.client;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;

/** RabbitMQ is unreachable, or a call to it failed. The message is for an operator. */
public final class BrokerException extends RuntimeException {

    public BrokerException(String what, Throwable cause) {
        super(what + ": " + reason(cause), cause);
    }

    public BrokerException(String message) {
        super(message);
    }

    /** The broker's reply text, if there is one. */
    private static String reason(Throwable e) {
        if (e instanceof ShutdownSignalException signal) {
            if (signal.getReason() instanceof AMQP.Channel.Close close) {
                return close.getReplyText();
            }
            if (signal.getReason() instanceof AMQP.Connection.Close close) {
                return close.getReplyText();
            }
        }
        if (e.getCause() != null) {
            return reason(e.getCause());
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
