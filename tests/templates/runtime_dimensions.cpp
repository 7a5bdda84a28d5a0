// A lookup asks one space about all runtime sizes: it must depend on them through definitions of their names alone.
#include <gtest/gtest.h>

#include <set>

#include "templates/family.hpp"

namespace warpsmith {
namespace {

// All that a lookup uses of a space, with definitions under their names; the values of runtime dimensions left out.
std::string description(const Space& space, const std::set<std::string>& runtime) {
    std::string text;
    for (const Variable& variable : space.model.variables()) {
        text += variable.name + " in";
        for (const Value& value : variable.values) {
            text += " " + to_string(value);
        }
        text += "\n";
    }
    for (const Definition& definition : space.model.definitions()) {
        text += definition.name + (runtime.contains(definition.name) ? "" : " = " + to_string(definition.value)) + "\n";
    }
    for (const Constraint& constraint : space.model.constraints()) {
        text += to_string(constraint.condition) + "\n";
    }
    const LaunchGeometry& launch = space.launch;
    for (const Expr& extent :
         {launch.grid_x, launch.grid_y, launch.grid_z, launch.threads, launch.cluster, launch.smem_bytes}) {
        text += to_string(extent) + "\n";
    }
    return text;
}

TEST(RuntimeDimensions, ASpaceDependsOnThemThroughDefinitionsOfTheirNamesAlone) {
    const Target target = find_target("h200");
    for (const Family& family : families()) {
        std::set<std::string> runtime;
        for (const Dimension& dimension : family.dimensions) {
            if (dimension.binding == Binding::runtime) {
                runtime.insert(dimension.name);
            }
        }
        for (const Workload& workload : case_workloads(family)) {
            const std::string expected = description(family.space(workload, target), runtime);
            for (const std::int64_t size : {1, 24, 1 << 20}) {
                Workload other = workload;
                for (const std::string& name : runtime) {
                    other.dims[name] = size;
                }
                EXPECT_EQ(description(family.space(other, target), runtime), expected) << other.key();
            }
        }
    }
}

}  // namespace
}  // namespace warpsmith
