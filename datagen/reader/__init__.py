"""Reading datasets with numpy: `open_dataset`, its frames, windows, subsets and cache. `torch_data` stands on top."""

from datagen.reader.cache import Cache, open_cache
from datagen.reader.dataset import Dataset, open_dataset
from datagen.reader.mixture import mix
from datagen.reader.windows import find_windows

__all__ = ["Cache", "Dataset", "find_windows", "mix", "open_cache", "open_dataset"]
