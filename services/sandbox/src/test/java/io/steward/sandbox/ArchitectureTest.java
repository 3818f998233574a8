package io.steward.sandbox;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// Which package may know which. Think hard about the layering before changing this file.
@AnalyzeClasses(
    packages = "io.steward.sandbox",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule LAYERS =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("wiring")
          .definedBy("io.steward.sandbox")
          .layer("topic")
          .definedBy("io.steward.sandbox.topic..")
          .layer("call")
          .definedBy("io.steward.sandbox.call..")
          .layer("tool")
          .definedBy("io.steward.sandbox.tool..")
          .layer("journal")
          .definedBy("io.steward.sandbox.journal..")
          .layer("driver")
          .definedBy("io.steward.sandbox.driver..")
          .layer("kubernetes")
          .definedBy("io.steward.sandbox.kubernetes..")
          .layer("egress")
          .definedBy("io.steward.sandbox.egress..")
          .layer("packages")
          .definedBy("io.steward.sandbox.packages..")
          .layer("mount")
          .definedBy("io.steward.sandbox.mount..")
          .layer("output")
          .definedBy("io.steward.sandbox.output..")
          .layer("save")
          .definedBy("io.steward.sandbox.save..")
          .layer("shim")
          .definedBy("io.steward.sandbox.shim..")
          .whereLayer("wiring")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("topic")
          .mayOnlyBeAccessedByLayers("wiring")
          .whereLayer("call")
          .mayOnlyBeAccessedByLayers("wiring", "topic")
          .whereLayer("tool")
          .mayOnlyBeAccessedByLayers("wiring", "call")
          .whereLayer("journal")
          .mayOnlyBeAccessedByLayers("wiring", "call")
          .whereLayer("packages")
          .mayOnlyBeAccessedByLayers("wiring", "call")
          .whereLayer("mount")
          .mayOnlyBeAccessedByLayers("wiring", "call")
          .whereLayer("output")
          .mayOnlyBeAccessedByLayers("wiring", "call")
          .whereLayer("save")
          .mayOnlyBeAccessedByLayers("wiring", "call")
          .whereLayer("driver")
          .mayOnlyBeAccessedByLayers(
              "wiring", "call", "packages", "mount", "output", "save", "kubernetes")
          .whereLayer("kubernetes")
          .mayOnlyBeAccessedByLayers("wiring")
          .whereLayer("egress")
          .mayOnlyBeAccessedByLayers("wiring", "topic", "call", "driver", "kubernetes")
          .whereLayer("shim")
          .mayOnlyBeAccessedByLayers("call", "tool", "driver", "packages", "kubernetes");

  @ArchTest
  static final ArchRule THE_CLUSTER_STAYS_AT_THE_EDGE =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.steward.sandbox.kubernetes..", "io.steward.sandbox")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.fabric8..");

  @ArchTest
  static final ArchRule KAFKA_STAYS_AT_THE_EDGE =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.steward.sandbox.topic..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.kafka..");

  @ArchTest
  static final ArchRule THE_CORE_KNOWS_NO_FRAMEWORK =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.steward.sandbox.call..",
              "io.steward.sandbox.tool..",
              "io.steward.sandbox.driver..",
              "io.steward.sandbox.kubernetes..",
              "io.steward.sandbox.egress..",
              "io.steward.sandbox.packages..",
              "io.steward.sandbox.mount..",
              "io.steward.sandbox.output..",
              "io.steward.sandbox.save..",
              "io.steward.sandbox.shim..",
              "io.steward.sandbox.journal..",
              "io.steward.sandbox.topic..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jakarta..", "io.quarkus..", "io.smallrye..", "org.eclipse..");

  @ArchTest
  static final ArchRule NAMES_SAY_SOMETHING =
      noClasses()
          .should()
          .haveNameMatching(
              ".*(Util|Utils|Helper|Helpers|Manager|Impl|Abstract|Base|Processor|Data|Info)");
}
