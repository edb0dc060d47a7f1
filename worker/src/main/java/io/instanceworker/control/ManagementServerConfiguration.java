package io.instanceworker.control;

import java.util.Objects;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.ConfigurableServletWebServerFactory;
import org.springframework.boot.webmvc.autoconfigure.actuate.web.WebMvcEndpointManagementContextConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;

/**
 * Makes the only web server the management server: it is configured by {@code management.server.*}, not by {@code server.*}.
 * Replaces Spring Boot's {@code ManagementContextAutoConfiguration}, which starts a second server unless both have the same
 * port. With the same port it permits no address and no TLS for the management server.
 */
@AutoConfiguration
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@EnableConfigurationProperties({WebEndpointProperties.class, ManagementServerProperties.class})
@Import(WebMvcEndpointManagementContextConfiguration.class)
public class ManagementServerConfiguration {

    @Bean
    WebServerFactoryCustomizer<ConfigurableServletWebServerFactory> managementServer(
            ManagementServerProperties properties) {
        return server -> {
            server.setPort(Objects.requireNonNull(properties.getPort(), "has a default in application.yaml"));
            server.setAddress(properties.getAddress());
            server.setSsl(properties.getSsl());
            server.setContextPath(properties.getBasePath());
        };
    }
}
