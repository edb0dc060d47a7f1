package io.instanceworker.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Envelope;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.support.DefaultMessagePropertiesConverter;

/** Accepts a message with any properties. Spring's converter throws for a delivery mode that AMQP does not define. */
final class LenientPropertiesConverter extends DefaultMessagePropertiesConverter {

    private static final int PERSISTENT = 2;

    @Override
    public MessageProperties toMessageProperties(
            AMQP.BasicProperties source, @Nullable Envelope envelope, String charset) {
        return super.toMessageProperties(
                source.builder().deliveryMode(PERSISTENT).build(), envelope, charset);
    }
}
