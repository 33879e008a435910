// The same from C++17, which has no compound literals: options are initialised by a function.
#include <grpctest/grpctest.h>
#include <iostream>
#include <memory>

int main()
{
    const std::unique_ptr<gt_metadata, decltype(&gt_metadata_free)> metadata(gt_metadata_new(),
                                                                             &gt_metadata_free);
    if (gt_metadata_append(metadata.get(), "greeting", "hello") != 0)
        return 1;
    std::cout << "grpctest " << gt_version() << " says "
              << gt_metadata_get(metadata.get(), "greeting") << '\n';
    return 0;
}
