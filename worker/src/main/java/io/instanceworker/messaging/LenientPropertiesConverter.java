package io.instanceworker.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Envelope;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.support.DefaultMessagePropertiesConverter;

/** Takes a message whatever its properties are: Spring's converter throws at a delivery mode that AMQP does not know. */
final class LenientPropertiesConverter extends DefaultMessagePropertiesConverter {

    private static final int PERSISTENT = 2;

    @Override
    public MessageProperties toMessageProperties(
            AMQP.BasicProperties source, @Nullable Envelope envelope, String charset) {
        return super.toMessageProperties(
                source.builder().deliveryMode(PERSISTENT).build(), envelope, charset);
    }
}
