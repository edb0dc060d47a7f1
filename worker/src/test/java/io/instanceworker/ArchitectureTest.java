package io.instanceworker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures;
import org.junit.jupiter.api.Test;

/** Dependencies point one way: messaging to job to provision and retry to contracts. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            // The contracts' own tests, which "mvn verify" hands over as a jar.
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.instanceworker");

    @Test
    void packagesDependInOneDirectionOnly() {
        Architectures.layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("io.instanceworker..")
                .layer("contracts")
                .definedBy("io.instanceworker.contracts..")
                .layer("settings")
                .definedBy("io.instanceworker.settings..")
                .layer("retry")
                .definedBy("io.instanceworker.retry..")
                .layer("engines")
                .definedBy("io.instanceworker.provision.*..")
                .layer("provision")
                .definedBy("io.instanceworker.provision")
                .layer("journal")
                .definedBy("io.instanceworker.journal..")
                .layer("job")
                .definedBy("io.instanceworker.job..")
                .layer("messaging")
                .definedBy("io.instanceworker.messaging..")
                .layer("sweep")
                .definedBy("io.instanceworker.sweep..")
                .layer("control")
                .definedBy("io.instanceworker.control..")
                .layer("observe")
                .definedBy("io.instanceworker.observe..")
                .layer("cli")
                .definedBy("io.instanceworker.cli")
                .layer("console")
                .definedBy("io.instanceworker.cli.console..")
                .layer("diagnosis")
                .definedBy("io.instanceworker.cli.diagnosis..")
                .layer("program")
                .definedBy("io.instanceworker")
                .whereLayer("program")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("control")
                .mayOnlyBeAccessedByLayers("program")
                .whereLayer("cli")
                .mayOnlyBeAccessedByLayers("program")
                .whereLayer("diagnosis")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("console")
                .mayOnlyBeAccessedByLayers("cli", "diagnosis", "messaging")
                .whereLayer("observe")
                .mayOnlyBeAccessedByLayers("program")
                .whereLayer("messaging")
                .mayOnlyBeAccessedByLayers("cli", "diagnosis", "control", "observe", "program")
                .whereLayer("sweep")
                .mayOnlyBeAccessedByLayers("observe", "program")
                .whereLayer("job")
                .mayOnlyBeAccessedByLayers("messaging", "control", "observe", "program")
                .whereLayer("provision")
                .mayOnlyBeAccessedByLayers("job", "messaging", "sweep", "observe", "cli", "diagnosis", "program")
                .whereLayer("journal")
                .mayOnlyBeAccessedByLayers("job", "provision", "messaging", "sweep", "diagnosis")
                .whereLayer("retry")
                .mayOnlyBeAccessedByLayers("job", "messaging", "program")
                .whereLayer("engines")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("settings")
                .mayOnlyBeAccessedByLayers(
                        "provision", "messaging", "sweep", "control", "observe", "diagnosis", "program")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.instanceworker.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void amqpStaysInMessaging() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.instanceworker.messaging..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework.amqp..", "com.rabbitmq..")
                .check(CLASSES);
    }

    @Test
    void sqlStaysInTheEngines() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.instanceworker.provision.postgres..",
                        "io.instanceworker.provision.sqlserver..",
                        "io.instanceworker.journal..",
                        "io.instanceworker.pool..",
                        // The SPI hands the journal its sessions.
                        "io.instanceworker.contracts.provision..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "com.zaxxer..", "org.postgresql..")
                .check(CLASSES);
    }

    @Test
    void contractsKnowNeitherSpringNorABroker() {
        noClasses()
                .that()
                .resideInAPackage("io.instanceworker.contracts..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "com.rabbitmq..")
                .check(CLASSES);
    }

    @Test
    void enginesDoNotDependOnEachOther() {
        slices().matching("io.instanceworker.provision.(*)..")
                .should()
                .notDependOnEachOther()
                .check(CLASSES);
    }
}
